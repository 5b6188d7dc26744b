#!/usr/bin/env bash
git switch -c new-price
git add price.txt
