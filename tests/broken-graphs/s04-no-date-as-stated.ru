# Readings without the date text of the page.
# expect: shape:S04-date-as-stated id:meeting-small-group-2021-brussels
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

DELETE WHERE { id:meeting-small-group-2021-brussels ckg:dateAsStated ?text }
