using NixStore.Engine.Database;
using NixStore.Engine.Native;

namespace NixStore.Engine.Examination;

/// <summary>The file <c>schema</c> (NIX-ON-DAMAGE, cases h11 to h13).</summary>
internal sealed class SchemaFileCheck : IDatabaseCheck
{
    /// <inheritdoc/>
    public string Subject => "the schema file";

    /// <inheritdoc/>
    public IEnumerable<StoreDatabaseFinding> Run(ExaminedStore examined)
    {
        var path = examined.Store.SchemaPath;
        if (SchemaFile.Read(examined.Store) is not { } number)
        {
            yield return Posix.TryStatus(path, out _, out _)
                ? examined.Found(StoreDatabaseFindingKind.SchemaDamaged, $"'{path}' holds no number")
                : examined.Found(StoreDatabaseFindingKind.SchemaMissing, $"there is no '{path}'");
        }
        else if (number < SchemaFile.Current)
        {
            yield return examined.Found(StoreDatabaseFindingKind.SchemaTooOld, $"the store has schema {number}, the current one is {SchemaFile.Current}");
        }
        else if (number > SchemaFile.Current)
        {
            yield return examined.Found(StoreDatabaseFindingKind.SchemaTooNew,
                $"the store has schema {number}, known is {SchemaFile.Current}: only SQLite's own checks are made");
        }
    }
}
