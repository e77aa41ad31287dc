# A pledge that does not say whether its minimum is exclusive.
# expect: shape:S07-exclusive id:pledge-ffis
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

DELETE WHERE { id:pledge-ffis ckg:minimumIsExclusive ?exclusive }
