// Package pins finds every place of a project that pins sentry-sdk and says
// how to raise it: requirements in pyproject.toml and its tools' tables,
// requirements and constraints files, setup.cfg, setup.py, Pipfile,
// environment.yml, .pre-commit-config.yaml; and, to be reported only, locks,
// compiled requirements, Dockerfiles and CI files.
//
// Everything here is a pure function of a path and bytes. [Manifest] picks the
// files by path, [Find] lists the pins of one file, [Lowest] and [Locked] say
// what the project demands already, and [Raise] gives the edit that lifts one
// pin to a floor. An edit replaces only the clause that has to change: extras,
// markers, upper bounds, hashes, comments, quotes and line ends stay.
//
// Versions are compared as PEP 440 orders them. A lower bound is never
// lowered and an upper bound never tightened; a bound that excludes the floor
// is raised by as little as its own precision allows, for review.
package pins
