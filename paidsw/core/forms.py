"""Forms of text that component and provider ask for alike, each with the words for it."""

SNAPSHOT_NAME = r"^[a-z0-9][a-z0-9-]{0,40}$"
REPOSITORY = r"^[a-z0-9.-]+/[a-z0-9._/-]+$"
CAPACITY = r"^[1-9][0-9]*Gi$"
# The others are put on by the cloud itself, or by this stack.
LABEL_KEY = r"^(?!paidsw-|acs:|aliyun|https?://)[^,\n]+$"
WORKSPACE_NAME = r"^[A-Za-z][A-Za-z0-9_]{2,22}$"
INSTANCE_ID = r"^dsw-[A-Za-z0-9-]+$"

WORDS = {
    SNAPSHOT_NAME: "up to 41 lower-case letters, digits and hyphens",
    REPOSITORY: "a repository without a tag, like registry.cn-wulanchabu.aliyuncs.com/me/notebooks",
    CAPACITY: "a size like 100Gi",
    LABEL_KEY: "a name without commas that begins with none of paidsw-, acs:, aliyun, http://, https://",
    WORKSPACE_NAME: "3 to 23 letters, digits and underscores, a letter first",
    INSTANCE_ID: "an instance's id like dsw-0123456789abcdef",
}
