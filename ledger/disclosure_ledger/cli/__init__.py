"""The command line `disclosures`: parsing and printing only; the work is in the other packages."""
