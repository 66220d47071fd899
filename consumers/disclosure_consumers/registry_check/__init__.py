"""What a reviewer should know of a registry: errors, contradictions, contracts that end, weak settings."""
