using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Publishing;

/// <summary>The errors of publishing to a lower store.</summary>
internal static class OverlayErrors
{
    internal static NixStoreException LowerReadOnly(StoreLocation lower, string directory) => new(
        "OverlayLowerReadOnly", StoreErrorKind.PermissionDenied,
        $"Nothing can be published to the lower store {lower.Url}: '{directory}' is on a read-only mount.", directory,
        "Run the command where the lower store is writable: on the machine or in the container that owns it.");

    internal static NixStoreException Differs(StoreDirectory directory, StorePath path, NixHash expected, string what) => new(
        "OverlayPathDiffers", StoreErrorKind.InvalidData,
        $"'{directory.Print(path)}' is not published: {what}, and the overlay store's own has {expected}. Nothing was overwritten.",
        directory.Print(path), "Test-StorePath on both stores tells which of the two is damaged; repair or remove that one.");

    internal static NixStoreException Modified(StoreDirectory directory, StorePath path, NixHash expected, NixHash actual) => new(
        "OverlayPathModified", StoreErrorKind.InvalidData,
        $"'{directory.Print(path)}' is not published: its files in the upper layer were modified, or are only a part of it: registered is {expected}, "
        + $"there is {actual}.", directory.Print(path), "Repair the path in the overlay store first: Repair-StorePath.");

    internal static NixStoreException Whiteout(StoreDirectory directory, StorePath path, string file) => new(
        "OverlayWhiteout", StoreErrorKind.InvalidData,
        $"'{directory.Print(path)}' is not published: '{file}' is a whiteout, by which the upper layer hides what is below.",
        directory.Print(path), "Test-OverlayStore shows what is deleted, and Repair-OverlayStore takes whiteouts away.");

    internal static NixStoreException FilesMissing(StoreDirectory directory, StorePath path, string store) => new(
        "OverlayFilesMissing", StoreErrorKind.NotFound,
        $"'{directory.Print(path)}' is registered in {store}, but has no files in the upper layer, and the lower store has none either.",
        directory.Print(path), "Repair the path in the overlay store first: Repair-StorePath.");

    internal static NixStoreException LowerDamaged(StoreDirectory directory, StorePath path, string reason) => new(
        "OverlayLowerDamaged", StoreErrorKind.InvalidData,
        $"The upper copy of '{directory.Print(path)}' stays: the lower store's is not intact ({reason}).",
        directory.Print(path), "Repair the path in the lower store; the upper copy may be the only good one.");
}
