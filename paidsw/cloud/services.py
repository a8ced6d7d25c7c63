"""The other PAI services, which are billed apart from DSW, and the billing API."""

from __future__ import annotations

from paidsw.cloud.sdk import SdkClient


class EasClient(SdkClient):
    """One region of PAI-EAS 2021-07-01. The SDK's own rule for its host is wrong in most regions."""

    module = "alibabacloud_eas20210701"
    product = "pai-eas"


class DlcClient(SdkClient):
    """One region of PAI-DLC 2020-12-03."""

    module = "alibabacloud_pai_dlc20201203"
    product = "pai-dlc"


class BillingClient(SdkClient):
    """BssOpenApi 2017-12-14. Bills are hours late: they say what was used, not what runs."""

    module = "alibabacloud_bssopenapi20171214"
    product = "business"
    host = "business.aliyuncs.com"
