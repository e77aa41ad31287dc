# A Small Group of 31: both the count of memberships and the count of states are wrong.
# expect: shape:S11-small-group id:small-group
# expect: shape:S11-small-group id:small-group
PREFIX id: <https://w3id.org/coalition-kg/id/>

DELETE WHERE { id:mem-small-group-EGY-member ?property ?value }
