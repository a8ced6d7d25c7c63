"""One folder per rule: the rule (`RULE`), its examples, its Chinese words."""
