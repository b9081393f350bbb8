using NixStore.Catalog.Sql;

namespace NixStore.Catalog.Storage;

/// <summary>Finds the NARs that several narinfos name, so that measuring need not do it each time.</summary>
internal static class SharedNars
{
    /// <summary>Makes the table anew when the narinfos have changed since.</summary>
    internal static void Refresh(CatalogWriter writer, CancellationToken cancellation)
    {
        if (IsKnown(writer.Manifest) || writer.Manifest[CatalogTable.NarInfos].Parts.Count == 0)
        {
            return;
        }

        var step = writer.BeginStep();
        step.Write(CatalogTable.Shared, SqlText.Of("shared"), cancellation: cancellation);
        step.Update(manifest => manifest with { SharedOf = StateOf(manifest) });
        step.Commit();
    }

    /// <summary>True when the table belongs to the narinfos as they are.</summary>
    internal static bool IsKnown(CatalogManifest manifest) => manifest.SharedOf == StateOf(manifest);

    /// <summary>Parts are never changed, so their names say all.</summary>
    private static string StateOf(CatalogManifest manifest)
        => string.Join(' ', manifest[CatalogTable.NarInfos].Parts.Select(part => part.Name[..part.Name.IndexOf('.')]));
}
