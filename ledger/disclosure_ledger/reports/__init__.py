"""Reports to one person under one law: who received the data, in the form that law asks for."""
