"""The grammar of legacy Sentry programs, one module per family of shapes."""
