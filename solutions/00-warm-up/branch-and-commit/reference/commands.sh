#!/usr/bin/env bash
git switch -c new-price
git add price.txt
git commit -m "Raise the price of the lake cabin"
