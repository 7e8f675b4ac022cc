"""Any modality to any other: engines are edges of a typed hypergraph, a conversion is a route through it."""
