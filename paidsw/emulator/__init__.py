"""A local PAI-DSW and AIWorkSpace on one loopback port, with its own clock, ledger and faults.

EAS, DLC and billing also answer, as far as an audit asks them; what EAS and DLC hold is not metered.

Clients are the official SDKs as they are, with ``protocol="HTTP"``, ``http_proxy="http://127.0.0.1:8790"``, the
region's id, any access key id and the secret `paidsw.emulator.signature.REHEARSAL_SECRET`: the host name that they ask
the proxy for says product and region. A request to the bare address is one to the home region.

Each service has a folder: `routes` lists its operations, `handlers` answers them, `models` is what it holds. A request
passes `paidsw.emulator.middlewares` and `paidsw.emulator.gateway` before it reaches its handler.

What the services' documentation leaves open is a switch of `paidsw.emulator.state.Settings`, set to the reading that
is harder for a client. Prices beyond the trial, stock and durations are made up; the trial's figures are those
of `paidsw.trial.terms`.
"""
