"""What several packages share: values, their form on Pulumi's wire, forms of text, messages."""
