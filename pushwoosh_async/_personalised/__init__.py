"""How recipients become notifications: those who are told the same go together (`merging`)."""
