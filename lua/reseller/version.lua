--- The version of this module, and the one place where it stands.
return "0.1.0"
