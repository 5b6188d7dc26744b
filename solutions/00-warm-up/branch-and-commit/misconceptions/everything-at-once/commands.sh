#!/usr/bin/env bash
git switch -c new-price
git add .
git commit -m "Raise the price of the lake cabin"
