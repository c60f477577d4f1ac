"""«О программе»: version, licences, fingerprint of the metrologically significant part."""
