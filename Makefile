# Only forwards: `python3 tools COMMAND` does the same, on Windows too. ARGS goes along: make test ARGS="-k rules".
PYTHON ?= python3
COMMANDS = up down setup check test soak coverage format lock clean help

.PHONY: $(COMMANDS)
.DEFAULT_GOAL := help
$(COMMANDS):
	@$(PYTHON) tools $@ $(ARGS)
