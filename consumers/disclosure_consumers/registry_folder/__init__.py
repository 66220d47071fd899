"""The files of a registry folder: reading them with positions, their forms, and what is wrong in them."""
