#!/usr/bin/env bash
git add price.txt
git commit -m "Raise the price of the lake cabin"
