"""Forms of text that component and provider ask for alike, each with the words for it."""

from paidsw.core.messages import Text

SNAPSHOT_NAME = r"^[a-z0-9][a-z0-9-]{0,40}$"
REPOSITORY = r"^[a-z0-9][a-z0-9.-]*(:[0-9]+)?(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)+$"
CAPACITY = r"^[1-9][0-9]*Gi$"
# The others are put on by the cloud itself, or by this stack.
LABEL_KEY = r"^(?!paidsw-|acs:|aliyun|https?://)[^,\n]+$"
WORKSPACE_NAME = r"^[A-Za-z][A-Za-z0-9_]{2,22}$"
INSTANCE_ID = r"^dsw-[A-Za-z0-9-]+$"
# Short enough for a workspace's name that ends with it.
OWNER_ID = r"^[a-z0-9]{1,13}$"
ID = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
DRIVER = r"^[0-9]+(\.[0-9]+)*$"
IMAGE_AUTH = r"^([A-Za-z0-9+/]{4})+([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
# In one line: a path or an address that holds a control character was pasted with something else.
MOUNT_PATH = r"^/[^\x00-\x1f\x7f-\x9f]*$"
STORAGE_URI = r"^[a-z][a-z0-9+.-]*://[^\x00-\x1f\x7f-\x9f]+$"

WORDS = {
    SNAPSHOT_NAME: Text.SNAPSHOT_NAME,
    REPOSITORY: Text.REPOSITORY,
    CAPACITY: Text.CAPACITY,
    LABEL_KEY: Text.LABEL_KEY,
    WORKSPACE_NAME: Text.WORKSPACE_NAME,
    INSTANCE_ID: Text.INSTANCE_ID,
    OWNER_ID: Text.OWNER_ID,
    ID: Text.ID,
    DRIVER: Text.DRIVER,
    IMAGE_AUTH: Text.IMAGE_AUTH,
    MOUNT_PATH: Text.MOUNT_PATH,
    STORAGE_URI: Text.STORAGE_URI,
}


def derived_workspace_name(owner_id: str) -> str:
    """The name of the workspace of an owner, where the user chose none."""
    return f"free_tier_{owner_id}"
