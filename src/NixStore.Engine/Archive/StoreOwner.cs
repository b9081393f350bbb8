using NixStore.Engine.Native;

namespace NixStore.Engine.Archive;

/// <summary>Who owns everything in a store (STORE-SPEC §6).</summary>
/// <param name="User">User id.</param>
/// <param name="Group">Group id.</param>
public readonly record struct StoreOwner(uint User, uint Group)
{
    /// <summary>The owner of a store: those who own the store directory own what is in it; root's things are also root's group's.</summary>
    /// <remarks>The group of the directory itself may be that of the build users, which is nobody's in the contents.</remarks>
    /// <exception cref="StoreIOException"/>
    public static StoreOwner Of(FileDescriptor storeDirectory)
    {
        var status = Posix.Status(storeDirectory);
        return new StoreOwner(status.Owner, status.Owner == 0 ? 0 : status.Group);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{User}:{Group}";
}
