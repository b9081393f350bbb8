using NixStore.Engine.Native;

namespace NixStore.Engine.Collection;

/// <summary>How things leave the store directory: for ever, or into the trash. For several threads.</summary>
internal interface IRemoval : IDisposable
{
    /// <summary>The open, writable store directory.</summary>
    FileDescriptor Store { get; }

    /// <summary>The directory that takes what is removed, for the journal; null when it is deleted.</summary>
    string? Trash { get; }

    /// <summary>What has become of a thing that was removed.</summary>
    CollectionOutcome Outcome { get; }

    /// <summary>Removes a thing that exists.</summary>
    /// <exception cref="StoreIOException"/>
    void Remove(Doomed thing);

    /// <summary>True when nothing of a thing whose removal failed is gone.</summary>
    bool IsUntouched(Doomed thing);
}
