"""Every sentence of the client, with the {names} of its values."""

from __future__ import annotations

from paidsw.core.messages import Texts


class Text(Texts):
    """The sentences of this package by name."""

    # An error of one call: {what} happened, with details such as the code and the request id
    CALL = "{operation}: {what}"
    CALL_DETAILED = "{operation}: {what} ({details})"
    CODE = "code {code}"
    STATUS = "HTTP {status}"
    REQUEST_ID = "request id {id}"

    # The call may have been carried out
    NO_SUCCESS = "the cloud answered without success"
    REPLY_LOST = "the reply was lost, the call may have been carried out"
    NO_USABLE_REPLY = "no usable reply came, the call may have been carried out"
    NO_REPLY = "no reply came in time, the call may have been carried out"
    UNREADABLE_REPLY = "the reply can't be read, the call may have been carried out"
    CANCELLED = "cancelled before its reply came, so it may have been carried out"
    NO_INSTANCE_ID = "the cloud answered without an instance id"
    NO_SNAPSHOT_ID = "the cloud answered without a snapshot id"
    NO_WORKSPACE_ID = "the cloud answered without a workspace id"
    UNREADABLE = "the cloud's answer has no readable {member}"
    SHORT_LIST = "the list is shorter than it says"

    # A refusal
    GRANT = "ask the account's administrator to grant this RAM user {actions} (docs/ram has the policies)"
    RENEW_CREDENTIALS = "the credentials are not valid any more; sign in again, or set new ones"
    CHECK_KEY = "check the access key and its secret"
    SYNCHRONIZE = "set this machine's clock by the network"

    # Certificates
    CERTIFICATE = "the certificate of {host} is not trusted ({why})"
    CLOUD_CERTIFICATE = "the cloud's certificate is not trusted ({why})"
    SET_CLOCK = (
        "set this machine's clock by the network, or have the certificate of your network's proxy renewed"
    )
    OTHER_SERVER = "another server answers at this address; check the DNS and the proxy of your network"
    ADD_CA = "{variable} names {file}; add your network's CA certificate to that file"
    SET_CA = "if your network inspects HTTPS, set {variable} to the PEM file of its CA certificate"
    NO_PEM = "{variable} names {file}, which holds no PEM certificate"
    UNREADABLE_FILE = "{variable} names {file}, which can't be read: {why}"
    SET_BUNDLE = "set it to the PEM file of your network's CA certificates, or unset it"

    # Proxies
    NOT_A_PROXY = "{variable} is {url}, which is not the address of an HTTP proxy"
    SET_PROXY = "write {variable}=http://HOST:PORT, or unset it"
    NO_PROXY = "the proxy {place} can't be reached: {why}"
    CHECK_PROXY = "check the address in {variable}, and that the proxy runs"
    PROXY = "the proxy {place} ({variable})"
    SOME_PROXY = "the proxy"
    PROXY_ASKS = "{proxy} asks for a user and a password"
    SET_PROXY_USER = "write them into {variable}: http://USER:PASSWORD@HOST:PORT"
    PROXY_STATUS = "{proxy} did not connect to the cloud: it answered HTTP {status}"
    PROXY_REACH = "check that the proxy reaches *.aliyuncs.com"
    PROXY_ALLOW = "ask its administrator to let *.aliyuncs.com through on port 443"

    # Connections
    NO_ADDRESS = "there is no address for {host}"
    NOT_REACHED = "{host} can't be reached: {why}"
    NO_TLS = "no TLS connection to {host}: {why}"
    CHECK_TLS = "check what your network's proxy does with HTTPS"
    CHECK_NETWORK = "check the network, and HTTPS_PROXY if it needs a proxy"
    CLOUD_REFUSED = "the cloud refused the connection"
    CLOUD_TIMEOUT = "the connection to the cloud timed out"
    NO_NAME = "there is no address for its name"
    WAS_REFUSED = "the connection was refused"
    TIMED_OUT = "the connection timed out"
    WAS_CLOSED = "the connection was closed"
    NO_CONNECTION = "there is no connection"

    # Credentials
    NO_CREDENTIALS = "no Alibaba Cloud credentials were found in {places}"
    SET_CREDENTIALS = "set one of them, or rehearse without an account: make up"
    UNUSABLE_CREDENTIALS = "no Alibaba Cloud credentials can be used: {causes}"
    HALF_A_PAIR = "{given} is set and {other} is not"
    SET_BOTH = "set both"
    OF_FILE = "{file}: {why}"
    CONFIGURE = "run `aliyun configure`, or correct {file}"
    CORRECT = "correct {what}"
    IS_SET_BUT = "{variable} is set, but {why}"
    FILE_UNREADABLE = "it can't be read: {why}"
    BYTE_ORDER_MARK = "it begins with a byte order mark, save it as UTF-8 without one"
    NOT_JSON = "it is not JSON (line {line}, column {column})"
    NOT_PROFILES = "it is not what `aliyun configure` writes"
    NO_PROFILE = "there is no profile {name} in it, only {names}"
    NO_PROFILES = "there is no profile {name} in it, only none at all"
    UNUSABLE_PROFILE = "its profile {name} can't be used, {why}"
    STS_CERTIFICATE = "the certificate of {host} is not trusted (set {variable})"

    # The emulator
    NOT_LOCAL = (
        "paidsw:emulator is {name}, which is not on this machine; give an emulator's folder, like {folder},"
        " or an address that starts with http://127.0.0.1: or http://localhost:"
    )
    NO_EMULATOR = "no emulator runs in {folder}"
    OTHER_EMULATOR = "what answers at {url} is another emulator or program"
    NOT_ASKED = "what answers at {url} is not the emulator that was asked"
    EMULATOR_SILENT = "the emulator at {url} did not answer"
    START_EMULATOR = "start it with dsw emulator start"
    START_OWNER = (
        "start it with dsw emulator start in the checkout that it is of, or give {folder} and start that one"
    )
    START_AT = (
        "start one there with dsw emulator start --port {port}, or give the folder of one, like {folder}"
    )
