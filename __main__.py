"""A free GPU notebook on Alibaba Cloud PAI-DSW."""

import pulumi

from components import FreeTierNotebook, NotebookSettings, plain_errors, quiet_interrupts

quiet_interrupts()
with plain_errors():
    settings = NotebookSettings.from_config()
    notebook = FreeTierNotebook("notebook", settings.args, region=settings.region)

pulumi.export("instanceId", notebook.instance_id)
pulumi.export("jupyterlabUrl", notebook.jupyterlab_url)
pulumi.export("webIdeUrl", notebook.web_ide_url)
pulumi.export("terminalUrl", notebook.terminal_url)
pulumi.export("shutdownTime", notebook.shutdown_time)
pulumi.export("diskKeptUntil", notebook.disk_kept_until)
