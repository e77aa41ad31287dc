# A post held for an international organisation.
# expect: shape:S12-state id:post-holding-obama-president
PREFIX id: <https://w3id.org/coalition-kg/id/>
PREFIX org: <http://www.w3.org/ns/org#>

DELETE DATA { id:post-holding-obama-president org:organization id:state-USA } ;
INSERT DATA { id:post-holding-obama-president org:organization id:org-NATO }
