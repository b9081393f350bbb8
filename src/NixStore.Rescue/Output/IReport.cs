using NixStore.Engine.Verification;

namespace NixStore.Rescue.Output;

/// <summary>Where a command's results go. One thread at a time.</summary>
internal interface IReport : IDisposable
{
    /// <summary>Writes the state of a path.</summary>
    void Write(StorePathInfo path);

    /// <summary>Writes what was done with a path.</summary>
    void Write(StorePathRepair repair);

    /// <summary>Writes the name of a path and nothing else.</summary>
    void WriteName(string path);

    /// <summary>Writes what a backup has.</summary>
    void Write(StoreDatabaseBackup backup);

    /// <summary>Writes which generation was removed.</summary>
    void Write(StoreGeneration generation);

    /// <summary>Writes what is not needed.</summary>
    void Write(StoreGarbage garbage);

    /// <summary>Writes what became of something that was to be collected.</summary>
    void Write(StoreCollectionItem item);

    /// <summary>Writes what a collection did in all.</summary>
    void Write(StoreCollection collection);

    /// <summary>Writes what linking equal files did.</summary>
    void Write(StoreOptimisation optimisation);

    /// <summary>Writes what was published.</summary>
    void Write(OverlayPublication publication);

    /// <summary>Writes which upper copy was removed.</summary>
    void Write(OverlayDuplicate duplicate);

    /// <summary>Writes what a store is like.</summary>
    void Write(StoreStatus status);

    /// <summary>Writes what keeps a path.</summary>
    void Write(StoreRoot root);

    /// <summary>Writes why a path is alive or dead.</summary>
    void Write(StoreTrace trace);

    /// <summary>Writes why a path depends on another.</summary>
    void Write(StoreDependency dependency);

    /// <summary>Writes what is wrong with a store.</summary>
    void Write(StoreFinding finding);

    /// <summary>Writes a step of a repair.</summary>
    void Write(StoreRepairStep step);

    /// <summary>Writes what the repair of a store did in all, and what is left.</summary>
    void Write(NixStoreRepair repair);

    /// <summary>Writes what is odd but does not end the command.</summary>
    void Warn(string message);

    /// <summary>Writes an error and its remedy.</summary>
    void WriteError(NixStoreException error);

    /// <summary>Does long work, and shows meanwhile how far it is, if anybody looks.</summary>
    void Track(string activity, VerificationProgress progress, Action work);
}
