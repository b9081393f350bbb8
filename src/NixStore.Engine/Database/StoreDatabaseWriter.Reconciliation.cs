namespace NixStore.Engine.Database;

/// <summary>What fitting a restored database to its store asks for.</summary>
public sealed partial class StoreDatabaseWriter
{
    /// <summary>Forgets paths and takes rows over from another database, in one transaction.</summary>
    /// <param name="forgotten">Full paths to which nothing refers but each other; those that are not registered are passed over.</param>
    /// <param name="rows">Rows, which replace those of the same paths; what they refer to is registered or among them.</param>
    /// <exception cref="StoreDatabaseException">ReferenceNotValid, DatabaseConstraint: something that stays refers to what is forgotten.</exception>
    internal void Reconcile(IReadOnlyCollection<string> forgotten, IReadOnlyCollection<ForgottenRow> rows) => InTransaction(() =>
    {
        // References first: then the order of the paths does not matter.
        foreach (var path in forgotten.Concat(rows.Select(row => row.Path)))
        {
            Execute("delete from Refs where referrer = (select id from ValidPaths where path = $path)", ("$path", path));
        }

        foreach (var path in forgotten)
        {
            Execute("delete from ValidPaths where path = $path", ("$path", path));
        }

        foreach (var row in rows)
        {
            Execute("delete from DerivationOutputs where drv = (select id from ValidPaths where path = $path)", ("$path", row.Path));
            Replace(row);
        }

        foreach (var row in rows)
        {
            foreach (var reference in row.References)
            {
                AddReference(row.Path, reference);
            }
        }
    });

    /// <summary>The id stays, and with it what refers to the path.</summary>
    private void Replace(ForgottenRow row)
    {
        if (Insert(row) > 0)
        {
            return;
        }

        Execute(
            "update ValidPaths set hash = $hash, registrationTime = $time, deriver = $deriver, narSize = $size, ultimate = $ultimate, sigs = $sigs, ca = $ca "
            + "where path = $path",
            Values(row));
        AddOutputs(row);
    }
}
