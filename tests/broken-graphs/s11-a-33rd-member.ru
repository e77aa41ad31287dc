# A Small Group of 33, one an international organisation more.
# expect: shape:S11-small-group id:small-group
# expect: shape:S11-small-group id:small-group
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>
PREFIX org: <http://www.w3.org/ns/org#>

INSERT DATA {
  id:mem-small-group-UN-member a org:Membership ;
    org:member id:org-UN ; org:organization id:small-group ; org:role id:role-member ;
    ckg:statedIn id:F802 .
}
