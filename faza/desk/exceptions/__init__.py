"""«Исключения достоверности»: what validation found, what stands there, what a person decides."""
