using NixStore.Catalog.Sql;

namespace NixStore.Catalog.Storage;

/// <summary>Finds the NARs that several narinfos name, so that measuring need not do it each time.</summary>
public static class SharedNars
{
    /// <summary>Makes the table anew when the narinfos have changed since.</summary>
    public static void Refresh(CatalogWriter writer, CancellationToken cancellation)
    {
        if (IsKnown(writer.Manifest) || writer.Manifest[CatalogTable.NarInfos].Parts.Count == 0)
        {
            return;
        }

        var step = writer.BeginStep();
        step.Drop(CatalogTable.Shared, _ => true);
        step.Write(CatalogTable.Shared, SqlText.Of("shared"), cancellation: cancellation);
        step.Update(manifest => manifest with { SharedOf = StateOf(manifest) });
        step.Commit();
    }

    /// <summary>True when the table belongs to the narinfos as they are.</summary>
    public static bool IsKnown(CatalogManifest manifest) => manifest.SharedOf == StateOf(manifest);

    /// <summary>A query for the narinfos whose NAR is counted with another one. Known beforehand where the last writer came to its end; else it finds them out.</summary>
    internal static string QueryOf(CatalogManifest manifest) => IsKnown(manifest) ? "FROM shared" : SqlText.Of("shared");

    /// <summary>What <see cref="CatalogManifest.SharedOf"/> says when the table belongs to the narinfos of a manifest. Parts are never changed, so their names say all.</summary>
    internal static string StateOf(CatalogManifest manifest)
        => string.Join(' ', manifest[CatalogTable.NarInfos].Parts.Select(part => part.Name[..part.Name.IndexOf('.')]));
}
