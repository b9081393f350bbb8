@{
    Severity     = @('Error', 'Warning')
    ExcludeRules = @(
        # Parameters that are used in script blocks only count as unused to it.
        'PSReviewUnusedParameter'
        # Pester's blocks are scopes that it does not know.
        'PSUseDeclaredVarsMoreThanAssignments'
        # Tests and the demo talk to people.
        'PSAvoidUsingWriteHost'
    )
}
