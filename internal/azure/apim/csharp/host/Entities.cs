// What a request belongs to: API, operation, product, subscription, user, deployment.
using System;
using System.Collections.Generic;
using System.Security.Cryptography.X509Certificates;

namespace ApiManagement
{
    internal sealed class KeyNames : ISubscriptionKeyParameterNames
    {
        public string Header { get; set; }
        public string Query { get; set; }
    }

    internal sealed class Api : IContextApi
    {
        public Api(Reader from)
        {
            Id = from.String();
            Name = from.String();
            Path = from.String();
            Protocols = from.Strings();
            ServiceUrl = from.Bool() ? new Url(from) : null;
            SubscriptionKeyParameterNames = new KeyNames { Header = from.String(), Query = from.String() };
            IsCurrentRevision = from.Bool();
            Revision = from.String();
            Version = from.String();
        }

        public string Id { get; private set; }
        public string Name { get; private set; }
        public string Path { get; private set; }
        public IEnumerable<string> Protocols { get; private set; }
        public IUrl ServiceUrl { get; private set; }
        public ISubscriptionKeyParameterNames SubscriptionKeyParameterNames { get; private set; }
        public bool IsCurrentRevision { get; private set; }
        public string Revision { get; private set; }
        public string Version { get; private set; }
    }

    internal sealed class Gateway : IGateway
    {
        public string Id { get; set; }
        public string InstanceId { get; set; }
        public bool IsManaged { get; set; }
    }

    internal sealed class Deployment : IDeployment
    {
        readonly Dictionary<string, X509Certificate2> certificates = new Dictionary<string, X509Certificate2>();

        public Deployment(Reader from)
        {
            GatewayId = from.String();
            Region = from.String();
            ServiceId = from.String();
            ServiceName = from.String();
            Gateway = new Gateway { Id = GatewayId, InstanceId = from.String(), IsManaged = GatewayId == "managed" };
            for (int count = from.Int(); count > 0; count--)
                certificates[from.String()] = Read.Certificate(from);
        }

        public IGateway Gateway { get; private set; }
        public string GatewayId { get; private set; }
        public string Region { get; private set; }
        public string ServiceId { get; private set; }
        public string ServiceName { get; private set; }
        public IReadOnlyDictionary<string, X509Certificate2> Certificates { get { Looks.Beyond(); return certificates; } }
    }

    internal sealed class LastError : ILastError
    {
        public LastError(Reader from)
        {
            Source = from.String();
            Reason = from.String();
            Message = from.String();
            Scope = from.String();
            Section = from.String();
            Path = from.String();
            PolicyId = from.String();
        }

        public string Source { get; private set; }
        public string Reason { get; private set; }
        public string Message { get; private set; }
        public string Scope { get; private set; }
        public string Section { get; private set; }
        public string Path { get; private set; }
        public string PolicyId { get; private set; }
    }

    internal sealed class Operation : IOperation
    {
        public Operation(Reader from)
        {
            Id = from.String();
            Method = from.String();
            Name = from.String();
            UrlTemplate = from.String();
        }

        public string Id { get; private set; }
        public string Method { get; private set; }
        public string Name { get; private set; }
        public string UrlTemplate { get; private set; }
    }

    internal sealed class Group : IGroup
    {
        public string Id { get; set; }
        public string Name { get; set; }

        public static IGroup[] List(Reader from)
        {
            var list = new IGroup[from.Int()];
            for (int i = 0; i < list.Length; i++) list[i] = new Group { Id = from.String(), Name = from.String() };
            return list;
        }
    }

    internal sealed class Product : IProduct
    {
        public Product(Reader from)
        {
            Id = from.String();
            Name = from.String();
            ApprovalRequired = from.Bool();
            SubscriptionRequired = from.Bool();
            State = from.Bool() ? ProductState.Published : ProductState.NotPublished;
            int limit = from.Int();
            SubscriptionLimit = limit < 0 ? (int?)null : limit;
            Groups = Group.List(from);
            var apis = new IApi[from.Int()];
            for (int i = 0; i < apis.Length; i++) apis[i] = new Api(from);
            Apis = apis;
        }

        public IEnumerable<IApi> Apis { get; private set; }
        public bool ApprovalRequired { get; private set; }
        public IEnumerable<IGroup> Groups { get; private set; }
        public string Id { get; private set; }
        public string Name { get; private set; }
        public ProductState State { get; private set; }
        public int? SubscriptionLimit { get; private set; }
        public int? SubscriptionsLimit { get { return SubscriptionLimit; } }
        public bool SubscriptionRequired { get; private set; }
    }

    internal sealed class Subscription : ISubscription
    {
        public Subscription(Reader from)
        {
            Id = from.String();
            Name = from.String();
            Key = from.String();
            PrimaryKey = from.String();
            SecondaryKey = from.String();
            CreatedDate = from.Time();
            StartDate = from.OptionalTime();
            EndDate = from.OptionalTime();
        }

        public DateTime CreatedDate { get; private set; }
        public DateTime? EndDate { get; private set; }
        public string Id { get; private set; }
        public string Key { get; private set; }
        public string Name { get; private set; }
        public string PrimaryKey { get; private set; }
        public string SecondaryKey { get; private set; }
        public DateTime? StartDate { get; private set; }
    }

    internal sealed class Identity : IUserIdentity
    {
        public string Id { get; set; }
        public string Provider { get; set; }
    }

    internal sealed class User : IUser
    {
        public User(Reader from)
        {
            Id = from.String();
            Email = from.String();
            FirstName = from.String();
            LastName = from.String();
            Note = from.String();
            RegistrationDate = from.Time();
            Groups = Group.List(from);
            var identities = new IUserIdentity[from.Int()];
            for (int i = 0; i < identities.Length; i++)
                identities[i] = new Identity { Id = from.String(), Provider = from.String() };
            Identities = identities;
        }

        public string Email { get; private set; }
        public string FirstName { get; private set; }
        public IEnumerable<IGroup> Groups { get; private set; }
        public string Id { get; private set; }
        public IEnumerable<IUserIdentity> Identities { get; private set; }
        public string LastName { get; private set; }
        public string Note { get; private set; }
        public DateTime RegistrationDate { get; private set; }
    }
}
