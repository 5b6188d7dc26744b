#!/usr/bin/env bash
set -e
git branch new-price
git switch new-price
git commit --all --message "Raise the price of the lake cabin"
git switch main
