#!/usr/bin/env bash
# TODO: the git commands, one on each line.
git status --short
