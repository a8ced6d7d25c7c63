"""One folder per rule: the rule (`RULE`), its examples, and its words in Chinese."""
