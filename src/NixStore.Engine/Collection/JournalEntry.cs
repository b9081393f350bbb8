using System.Text.Json.Serialization;
using NixStore.Engine.Database;

namespace NixStore.Engine.Collection;

/// <summary>A line of a collection's journal: one JSON object.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(CollectionBegun), "begin")]
[JsonDerivedType(typeof(RootReceived), "root")]
[JsonDerivedType(typeof(ThingRemoved), "remove")]
[JsonDerivedType(typeof(CollectionEnded), "end")]
[JsonDerivedType(typeof(ThingRestored), "restore")]
[JsonDerivedType(typeof(ThingCleared), "clear")]
public abstract record JournalEntry
{
    /// <summary>When.</summary>
    public DateTimeOffset Time { get; init; } = DateTimeOffset.UtcNow;
}

/// <summary>The first line.</summary>
/// <param name="Store">URL of the store.</param>
/// <param name="Host">Name of the machine.</param>
/// <param name="User">Who collected.</param>
/// <param name="Pid">Which process.</param>
/// <param name="Trash">The directory that holds what was removed; null when it was deleted.</param>
/// <param name="Roots">The permanent roots there were, link to path.</param>
public sealed record CollectionBegun(
    string Store, string Host, string User, int Pid, string? Trash, IReadOnlyDictionary<string, string> Roots) : JournalEntry;

/// <summary>A process has told of a temporary root; written before it is answered.</summary>
/// <param name="Path">Full logical path.</param>
public sealed record RootReceived(string Path) : JournalEntry;

/// <summary>Something is about to be removed; written before its row is deleted.</summary>
/// <param name="Kind">What sort of garbage it is.</param>
/// <param name="Name">Its name in the store directory, as base64 of its bytes.</param>
/// <param name="Path">Its full logical path.</param>
/// <param name="Size">Bytes of disk space it takes, those of shared files included.</param>
/// <param name="Row">What the database knew; null when it was not registered.</param>
public sealed record ThingRemoved(StoreGarbageKind Kind, byte[] Name, string Path, long Size, ForgottenRow? Row) : JournalEntry;

/// <summary>The last line; a journal without it is of a collection that was interrupted.</summary>
/// <param name="Removed">How many things were removed.</param>
/// <param name="FreedBytes">Bytes of disk space freed.</param>
public sealed record CollectionEnded(long Removed, long FreedBytes) : JournalEntry;

/// <summary>Something has come back from the trash.</summary>
/// <param name="Path">Its full logical path.</param>
public sealed record ThingRestored(string Path) : JournalEntry;

/// <summary>Something in the trash is about to be deleted; it cannot be restored any more.</summary>
/// <param name="Path">Its full logical path.</param>
public sealed record ThingCleared(string Path) : JournalEntry;
