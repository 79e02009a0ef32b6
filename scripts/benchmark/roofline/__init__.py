"""How near passes come to what the machine allows (the roofline model, doi 10.1145/1498765.1498785)."""
