# A post that a state holds.
# expect: shape:S12-person id:post-holding-obama-president
PREFIX id: <https://w3id.org/coalition-kg/id/>
PREFIX org: <http://www.w3.org/ns/org#>

DELETE DATA { id:post-holding-obama-president org:member id:person-obama } ;
INSERT DATA { id:post-holding-obama-president org:member id:state-USA }
