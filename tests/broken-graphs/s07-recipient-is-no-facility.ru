# A pledge to an organisation that is no facility.
# expect: shape:S07-recipient id:pledge-ffis
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

INSERT DATA { id:pledge-ffis ckg:recipient id:org-UNDP }
