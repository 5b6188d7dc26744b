# -*- coding: utf-8 -*-
"""¿Cuántas noches? 夜 🌙"""

def nights(llegada, salida):
	if salida <= llegada:
		raise ValueError("ninguna noche: ñ 夜 🌙")
	return (salida - llegada).days
