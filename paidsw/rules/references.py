"""The public pages that the rules refer to."""

TRIAL = "https://help.aliyun.com/document_detail/2261126.html"
BILLING = "https://www.alibabacloud.com/help/en/pai/dsw-billing-description"
IDLE = "https://help.aliyun.com/document_detail/470427.html"
CREATE = "https://help.aliyun.com/zh/pai/developer-reference/api-pai-dsw-2022-01-01-createinstance"
SNAPSHOT = "https://help.aliyun.com/zh/pai/developer-reference/api-pai-dsw-2022-01-01-createinstancesnapshot"
RAM = "https://help.aliyun.com/document_detail/2840449.html"
