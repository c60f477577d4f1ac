"""Where applications of others fetch, renew and end their tokens; consent is the cabinet's."""
