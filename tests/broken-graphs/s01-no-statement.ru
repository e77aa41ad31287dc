# A membership that rests on no statement: S13 says so too.
# expect: shape:S01-statement id:mem-coalition-BFA-member
# expect: shape:S13-evidence id:mem-coalition-BFA-member
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

DELETE DATA { id:mem-coalition-BFA-member ckg:statedIn id:F714 }
