"""«Ввод показаний»: what the subscriber reads from the meters' faces, and what became of it."""
