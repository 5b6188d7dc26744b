#!/usr/bin/env bash
git stash push price.txt
git checkout -b new-price
git stash pop
git commit -m "Raise the price of the lake cabin" price.txt
