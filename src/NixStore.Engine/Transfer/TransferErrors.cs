using NixStore.Engine.Archive;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Transfer;

/// <summary>The errors that several kinds of transfer have in common.</summary>
internal static class TransferErrors
{
    internal static NixStoreException ReferenceNotValid(StorePath path, StorePath reference, StoreDirectory directory, string store) => new(
        "ReferenceNotValid", StoreErrorKind.InvalidData,
        $"'{directory.Print(path)}' cannot be added to {store}, because its reference '{directory.Print(reference)}' is not valid there.",
        directory.Print(path), "Bring the closure along, or add the reference first.");

    internal static NixStoreException NarHashMismatch(ValidPathInfo info, NarHash actual, StoreDirectory directory, string origin) => new(
        "NarHashMismatch", StoreErrorKind.Security,
        $"The contents of '{directory.Print(info.Path)}' from {origin} are not the promised ones: expected {info.NarHash} ({info.NarSize} bytes), "
        + $"got {actual.Hash} ({actual.Size} bytes). Nothing was added.",
        directory.Print(info.Path), "The source is damaged or forged: repair it, or take the path from another one.");

    internal static NixStoreException ContentAddressMismatch(ValidPathInfo info, StoreDirectory directory, string origin) => new(
        "ContentAddressMismatch", StoreErrorKind.Security,
        $"The contents of '{directory.Print(info.Path)}' from {origin} are not those of its content address {info.ContentAddress}. Nothing was added.",
        directory.Print(info.Path), "The source is damaged or forged: take the path from another one.");

    internal static NixStoreException ContentsModified(ValidPathInfo info, NarHash actual, StoreDirectory directory, string store) => new(
        "ContentsModified", StoreErrorKind.InvalidData,
        $"The contents of '{directory.Print(info.Path)}' in {store} were modified: registered are {info.NarHash} ({info.NarSize} bytes), "
        + $"there are {actual.Hash} ({actual.Size} bytes).",
        directory.Print(info.Path), "Repair-StorePath mends it.");

    internal static NixStoreException NotInSource(StorePath path, StoreDirectory directory, string source) => new(
        "PathNotInSource", StoreErrorKind.NotFound, $"{source} does not have '{directory.Print(path)}'.", directory.Print(path),
        "Check the path and the source.");

    internal static NixStoreException RowInLower(StorePath path, StoreLocation store, OverlayLayers overlay) => new(
        "OverlayRowInLower", StoreErrorKind.NotSupported,
        $"'{store.Directory.Print(path)}' cannot be signed in {store.Url}: only its lower store has it registered, and that one is not written to here.",
        store.Directory.Print(path), $"Sign it in the lower store: Add-StorePathSignature -Store '{overlay.WritableLower.Url}'.");
}
